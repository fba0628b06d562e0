/**
 * Options: from text, configurations and callers to the records of drivers, and from these records
 * to descriptions and completion.
 */
package io.diskport.core.options;
