/** What a daemon needs inside the framework before everything else: a log, and a clean start. */
package io.diskport.runtime;
