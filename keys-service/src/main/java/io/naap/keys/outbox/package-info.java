/**
 * A change of a key or limit is stored together with its announcement, and announced until every
 * consumer has it.
 */
package io.naap.keys.outbox;
