/**
 * Whose key a request carries. A changed key is forgotten within a second, by push; a bad one costs
 * no I/O.
 */
package io.naap.router.keyprofile;
