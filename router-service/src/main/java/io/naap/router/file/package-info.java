/** Files that an operator may change while the router runs, such as a mounted ConfigMap. */
package io.naap.router.file;
