/** The commands of the shell: each a thin face on a manager. Start at {@code Command}. */
package io.diskport.shell;
