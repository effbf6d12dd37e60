/**
 * The request log of tenants: every request that a router answered, refused ones included. Lines
 * may be lost; nothing is billed from it.
 */
package io.naap.metering.requestlog;
