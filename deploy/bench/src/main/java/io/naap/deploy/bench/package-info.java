/** Measures one part of the platform at a time, as a started process over its own wire. */
package io.naap.deploy.bench;
