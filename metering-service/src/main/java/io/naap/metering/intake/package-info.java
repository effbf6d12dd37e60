/** Takes usage of jobs that no router served, by HTTP as CloudEvents. */
package io.naap.metering.intake;
