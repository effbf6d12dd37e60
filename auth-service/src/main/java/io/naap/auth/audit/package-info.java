/**
 * Who did what, when, from where. An entry commits with the change it tells of, and holds the hash
 * of the entry before; the database refuses to change one.
 */
package io.naap.auth.audit;
