/**
 * What two services must agree on. A type belongs here only if it crosses a process boundary, or if
 * two services disagreeing about it would lose money or open a door. No entity, no repository, no
 * REST client, no base class.
 */
package io.naap.contracts;
