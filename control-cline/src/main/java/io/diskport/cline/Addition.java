package io.diskport.cline;

import io.diskport.api.manage.Kind;
import java.util.Map;

/**
 * Something that a step has added through its manager.
 *
 * @param options nested
 */
record Addition(Step step, Kind kind, Map<String, Object> options) {}
