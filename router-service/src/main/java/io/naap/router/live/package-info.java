/** Live AI streams: admitted, metered by heartbeats, ended when money or limits end. */
package io.naap.router.live;
