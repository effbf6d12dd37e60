/** The metrics of this service. Labels never hold an id. */
package io.naap.clearinghouse.metrics;
