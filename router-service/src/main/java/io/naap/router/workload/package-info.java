/** What each path may ask for, how it is estimated and how it is measured. */
package io.naap.router.workload;
