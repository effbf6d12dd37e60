/** Reads Redis Streams: acknowledged after the commit, read again until then, never dropped. */
package io.naap.clearinghouse.stream;
