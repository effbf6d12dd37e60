/**
 * Measures how long recordings and video segments last, from their frames, pages and time stamps,
 * as the bytes pass. Nothing is decoded, a header is not believed where the content can be counted,
 * and the work is proportional to the bytes whatever they contain.
 */
package io.naap.router.media;
