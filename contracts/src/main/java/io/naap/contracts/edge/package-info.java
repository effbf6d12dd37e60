/**
 * What happens to every HTTP request before anything else looks at it: a request id, one spelling
 * of the path, a limit on headers and body.
 */
package io.naap.contracts.edge;
