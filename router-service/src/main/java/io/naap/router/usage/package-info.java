/** Every job becomes one event that survives this process and Redis. */
package io.naap.router.usage;
