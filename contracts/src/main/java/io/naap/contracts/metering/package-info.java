/** Usage as exact integers per {@link io.naap.contracts.metering.Unit}. */
package io.naap.contracts.metering;
