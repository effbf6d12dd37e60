/**
 * What the router asks of the other services, and what they push to it. Answers are cached; a
 * pushed change drops the cached answer within a second. A malformed key is refused without I/O.
 */
package io.naap.router.neighbour;
