/**
 * How long files of sound and video last, by their own frames, pages and time stamps, read as they
 * pass. Nothing is decoded, nothing is believed that can be counted, and the work is proportional
 * to the bytes whatever they hold.
 */
package io.naap.router.media;
