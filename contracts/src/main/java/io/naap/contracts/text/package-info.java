/**
 * Rules for texts that come from outside and end up in an event or a database: names, tags,
 * capabilities, models, reasons, queries. Services check the decoded text where it enters; text
 * that passes can be kept unchanged in every database, event and log.
 */
package io.naap.contracts.text;
