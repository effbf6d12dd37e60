/**
 * One reading of JSON for all services: snake_case, unknown fields, duplicates, trailing text and
 * silent number conversions refused.
 */
package io.naap.contracts.json;
