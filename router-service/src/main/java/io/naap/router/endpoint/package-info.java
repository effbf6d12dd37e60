/**
 * The one table of the router's endpoints. Its handlers sit on the Vert.x router itself, so the
 * rule that every endpoint states who may call it is kept here: a route is registered through the
 * table or not at all, and the API description is derived from it.
 */
package io.naap.router.endpoint;
