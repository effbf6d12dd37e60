/** How a tenant is billed, what it has and owes, and what it wants to be told in time. */
package io.naap.metering.account;
