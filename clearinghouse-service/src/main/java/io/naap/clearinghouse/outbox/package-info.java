/** Events, stored with the change they announce and published after it. */
package io.naap.clearinghouse.outbox;
