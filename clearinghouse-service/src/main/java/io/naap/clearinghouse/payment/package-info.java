/** Money in. Today: credits the operator gives; a tenant's debt is paid first. */
package io.naap.clearinghouse.payment;
