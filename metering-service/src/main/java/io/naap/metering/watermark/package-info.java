/**
 * How far each router's usage is stored, so that the router may delete it; and what a router
 * declared missing.
 */
package io.naap.metering.watermark;
