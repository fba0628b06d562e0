/** What several drivers do in the same way. */
package io.diskport.support;
