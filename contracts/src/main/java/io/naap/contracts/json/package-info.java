/**
 * Settings of JSON for all services: names in snake_case; unknown fields, duplicate fields,
 * trailing text and silent number conversions are refused.
 */
package io.naap.contracts.json;
