/**
 * Jobs on their way to a gateway and back: streamed, never sent twice after a byte of them was
 * sent, recorded before the last byte of the answer.
 */
package io.naap.router.proxy;
