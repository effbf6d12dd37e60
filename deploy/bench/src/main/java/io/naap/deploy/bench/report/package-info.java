/**
 * What every benchmark uses: figures with their musts and aims, and credentials of the platform.
 */
package io.naap.deploy.bench.report;
