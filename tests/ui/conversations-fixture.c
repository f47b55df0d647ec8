/* conversations-fixture.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "conversations-fixture.h"

#include <glib/gstdio.h>

#include "ui-support.h"

#define WIDTH 320
#define HEIGHT 600

/* --- what happens --- */

char *
conversations_make_id (guint which)
{
  return g_strdup_printf ("si_self_u%05u", which);
}

void
conversations_put (ConversationsFixture *self,
                   guint                 which)
{
  g_autofree char *id = conversations_make_id (which);
  g_autofree char *client_id = g_strdup_printf ("c%" G_GINT64_FORMAT, self->now_ms);
  g_autofree char *sender = g_strdup_printf ("u%05u", which);
  g_autoptr(TernMessageRecord) message = NULL;
  g_autoptr(GError) error = NULL;

  self->now_ms += 1000;
  message = store_message_new (id, sender, client_id, self->now_ms / 1000 % 100000000,
                               "{\"content\":\"How about a walk? 今天天气不错\"}");
  message->sent_ms = self->now_ms;
  tern_record_set_text (&message->sender_name, which % 2 == 0 ? "Maya Okafor" : "林小满");
  tern_store_ensure_conversation (self->store.writer, message, SELF, self->store.changes, &error);
  g_assert_no_error (error);
  tern_store_put_message (self->store.writer, message, self->store.changes, &error);
  g_assert_no_error (error);
}

void
conversations_tell (ConversationsFixture *self)
{
  store_fixture_commit (&self->store);
  g_signal_emit_by_name (self->worker, "changed", self->store.changes);
}

void
conversations_bump (ConversationsFixture *self,
                    guint                 which)
{
  store_fixture_begin (&self->store);
  conversations_put (self, which);
  conversations_tell (self);
}

/* --- what is seen --- */

static void
painted_cb (GdkFrameClock        *clock,
            ConversationsFixture *self)
{
  self->n_frames++;
}

void
conversations_frame (ConversationsFixture *self)
{
  ui_wait_for_frame (GTK_WIDGET (self->view), &self->n_frames);
}

void
conversations_scroll (ConversationsFixture *self,
                      double                by)
{
  gtk_adjustment_set_value (self->adjustment, gtk_adjustment_get_value (self->adjustment) + by);
  conversations_frame (self);
}

/* --- the window --- */

static void
chosen_cb (TernConversationView *view,
           TernConversation     *conversation,
           ConversationsFixture *self)
{
  g_set_object (&self->chosen, conversation);
}

void
conversations_set_up (ConversationsFixture *self,
                      guint                 n)
{
  const TernFrameFormat format = { TERN_ENCODING_JSON, FALSE, 0 };
  g_autoptr(TernServers) servers = tern_servers_new ("", "http://127.0.0.1:9", "ws://127.0.0.1:9");
  g_autoptr(TernAccount) account = tern_account_new (servers, SELF, "");

  store_fixture_set_up (&self->store, NULL);
  self->session_folder = g_dir_make_tmp ("tern-session-XXXXXX", NULL);
  self->session = tern_session_new (account, self->session_folder);
  self->worker = tern_sync_worker_new (self->store.folder, SELF, 7, &format);
  self->now_ms = G_GINT64_CONSTANT (1700000000000);
  store_fixture_begin (&self->store);
  for (guint i = n; i > 0; i--)
    conversations_put (self, i - 1);
  store_fixture_commit (&self->store);
  self->list = tern_conversation_list_new (self->store.reader, self->worker, SELF);
  self->filter = tern_conversation_filter_new (G_LIST_MODEL (self->list));
  self->view = tern_conversation_view_new ();
  g_signal_connect (self->view, "chosen", G_CALLBACK (chosen_cb), self);
  tern_conversation_view_set_session (self->view, self->session, self->filter);
  self->scrolled = GTK_SCROLLED_WINDOW (gtk_scrolled_window_new ());
  self->adjustment = gtk_scrolled_window_get_vadjustment (self->scrolled);
  gtk_scrolled_window_set_child (self->scrolled, GTK_WIDGET (self->view));
  self->window = gtk_window_new ();
  gtk_window_set_decorated (GTK_WINDOW (self->window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (self->window), WIDTH, HEIGHT);
  gtk_window_set_child (GTK_WINDOW (self->window), GTK_WIDGET (self->scrolled));
  gtk_window_present (GTK_WINDOW (self->window));
  g_signal_connect (gtk_widget_get_frame_clock (self->window), "after-paint",
                    G_CALLBACK (painted_cb), self);
  conversations_frame (self);
}

void
conversations_tear_down (ConversationsFixture *self)
{
  g_signal_handlers_disconnect_by_data (gtk_widget_get_frame_clock (self->window), self);
  gtk_window_destroy (GTK_WINDOW (self->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  tern_conversation_list_detach (self->list);
  g_clear_object (&self->chosen);
  g_assert_finalize_object (self->filter);
  g_assert_finalize_object (self->list);
  g_object_unref (self->worker);
  g_assert_finalize_object (self->session);
  store_fixture_tear_down (&self->store, NULL);
  g_rmdir (self->session_folder);
  g_free (self->session_folder);
}
