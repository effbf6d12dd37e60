/**
 * The one table of the router's endpoints. A route is registered through the table or not at all,
 * so every endpoint states who may call it, and the API description is derived from it.
 */
package io.naap.router.endpoint;
