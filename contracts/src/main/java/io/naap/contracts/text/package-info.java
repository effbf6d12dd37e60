/**
 * The one rule for text that comes from outside and ends in an event or a database: names, tags,
 * capabilities, models, reasons, queries. Judged as it reads after decoding, where it enters; what
 * passes here every store, event and log can hold as it is.
 */
package io.naap.contracts.text;
