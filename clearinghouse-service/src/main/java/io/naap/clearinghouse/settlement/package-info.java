/**
 * What orchestrators redeem and what our deposit does on the chain: read from the TicketBroker's
 * events once they are final, and booked.
 */
package io.naap.clearinghouse.settlement;
