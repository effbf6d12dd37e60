/**
 * Watermarks: up to which spool position each router's usage is stored, so that the router may
 * delete it; and the ranges that routers declared missing.
 */
package io.naap.metering.watermark;
