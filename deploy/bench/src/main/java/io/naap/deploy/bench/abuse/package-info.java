/**
 * What one tenant, or nobody's tenant, can do to another's jobs: a victim's steady traffic alone,
 * and beside one attack after another on the started platform.
 */
package io.naap.deploy.bench.abuse;
