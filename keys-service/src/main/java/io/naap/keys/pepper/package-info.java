/**
 * Peppers: the secrets with which key secrets are hashed. Several versions can be configured, so
 * that a change of the pepper needs no interruption.
 */
package io.naap.keys.pepper;
