/**
 * Books redemptions, and the changes of our deposit and reserve, from the TicketBroker's events
 * once their block is final.
 */
package io.naap.clearinghouse.settlement;
