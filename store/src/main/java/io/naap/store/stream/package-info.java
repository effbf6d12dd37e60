/** Reading Redis Streams: nothing is acknowledged before its effect is committed. */
package io.naap.store.stream;
