/** What was used, asked in every direction; behind every number are its events. */
package io.naap.metering.usage;
