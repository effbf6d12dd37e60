/** Billing accounts of tenants: terms, balance, standing, alerts and automatic top-ups. */
package io.naap.metering.account;
