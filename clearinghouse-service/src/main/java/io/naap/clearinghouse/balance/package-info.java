/** What a tenant has. */
package io.naap.clearinghouse.balance;
