/**
 * PlanVersions: versioned lists of charges. A version never changes, so it is read once and kept.
 */
package io.naap.metering.plan;
