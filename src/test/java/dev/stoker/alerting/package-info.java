/**
 * Holds what is shipped for Prometheus, Alertmanager and Grafana in {@code conf/} to the programs
 * that read it, to the runbooks, and to a cluster that loses a node.
 */
@NullMarked
package dev.stoker.alerting;

import org.jspecify.annotations.NullMarked;
