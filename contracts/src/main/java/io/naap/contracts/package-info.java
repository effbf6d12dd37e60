/**
 * Types that two services must agree on. A type belongs here only when it crosses a process
 * boundary, or when a disagreement between two services would lose money or open a security hole.
 * No entities, repositories, REST clients or base classes.
 */
package io.naap.contracts;
