/** Usage of jobs that passed no router, taken by HTTP as CloudEvents. */
package io.naap.metering.intake;
