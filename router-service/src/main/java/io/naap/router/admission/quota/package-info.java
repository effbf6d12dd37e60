/**
 * What this router may use of every limited amount without asking Redis, and the holds taken from
 * it.
 *
 * <p>Every {@link TenantQuotas} is guarded by its own lock, together with its {@link
 * SubjectQuotas}, {@link QuotaLease}s and {@link Hold}s. {@link QuotaTable} is the only class that
 * takes these locks; methods of the others are called with the lock held.
 *
 * <p>Order of the locks: the lock of a tenant is the innermost one. Whoever holds it takes no other
 * lock, reads and writes no file, and calls no other service. No thread holds two tenants' locks.
 * The usage recorder's lock is taken and left before.
 */
package io.naap.router.admission.quota;
