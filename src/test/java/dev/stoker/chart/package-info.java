/** The chart, rendered by the real helm and held to the schemas of what it makes. */
@NullMarked
package dev.stoker.chart;

import org.jspecify.annotations.NullMarked;
