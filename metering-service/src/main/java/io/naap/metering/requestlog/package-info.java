/**
 * The tenants' request log: every request a router answered, refused ones included. Best effort.
 */
package io.naap.metering.requestlog;
