/**
 * Strict reading of YAML into records: an unknown key or a wrong value is refused with the file,
 * the path in it and what is allowed.
 *
 * <p>The way in is {@link dev.stoker.yaml.YamlReader}. Stateless. Must not know any feature.
 */
@NullMarked
package dev.stoker.yaml;

import org.jspecify.annotations.NullMarked;
