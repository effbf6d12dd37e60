/** Whether this process can do its work now. */
package io.naap.clearinghouse.health;
