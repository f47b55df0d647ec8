/* tern-frame-gob.c: the envelope as Go's gob
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One message is a whole stream: the definition of a struct, then one value.
 * Fields are matched by name, since the sender chooses order and numbers.
 * protocol 01 section 1.4.1.
 */

#include "config.h"

#include "tern-frame-private.h"

#include <string.h>

#include "tern-error.h"

/* gob's numbers of the basic types that occur. */
enum
{
  GOB_INT = 2,
  GOB_BYTES = 5,
  GOB_STRING = 6,
};

/* The type id that we choose for our own struct. */
#define OWN_TYPE_ID 64
#define MAX_FIELDS 64

typedef enum
{
  FIELD_ID,
  FIELD_MSG_INCR,
  FIELD_OPERATION_ID,
  FIELD_SEND_ID,
  FIELD_ERR_CODE,
  FIELD_ERR_MSG,
  FIELD_DATA,
  FIELD_TOKEN,
} Field;

typedef struct
{
  Field       field;
  const char *name;
  int         type;
} FieldSpec;

static const FieldSpec request_fields[] = {
  { FIELD_ID, "ReqIdentifier", GOB_INT },
  { FIELD_TOKEN, "Token", GOB_STRING },
  { FIELD_SEND_ID, "SendID", GOB_STRING },
  { FIELD_OPERATION_ID, "OperationID", GOB_STRING },
  { FIELD_MSG_INCR, "MsgIncr", GOB_STRING },
  { FIELD_DATA, "Data", GOB_BYTES },
};

static const FieldSpec reply_fields[] = {
  { FIELD_ID, "ReqIdentifier", GOB_INT },
  { FIELD_MSG_INCR, "MsgIncr", GOB_STRING },
  { FIELD_OPERATION_ID, "OperationID", GOB_STRING },
  { FIELD_ERR_CODE, "ErrCode", GOB_INT },
  { FIELD_ERR_MSG, "ErrMsg", GOB_STRING },
  { FIELD_DATA, "Data", GOB_BYTES },
};

G_STATIC_ASSERT (G_N_ELEMENTS (request_fields) == G_N_ELEMENTS (reply_fields));

#define N_FIELDS G_N_ELEMENTS (request_fields)

static void
put_uint (GByteArray *out,
          guint64     value)
{
  guint8 bytes[9];
  guint n = 0;

  if (value < 128)
    {
      bytes[0] = (guint8) value;
      g_byte_array_append (out, bytes, 1);
      return;
    }

  for (guint64 rest = value; rest != 0; rest >>= 8)
    n++;
  bytes[0] = (guint8) (256 - n);
  for (guint i = 0; i < n; i++)
    bytes[1 + i] = (guint8) (value >> (8 * (n - 1 - i)));
  g_byte_array_append (out, bytes, n + 1);
}

static void
put_int (GByteArray *out,
         gint64      value)
{
  put_uint (out, value >= 0 ? (guint64) value << 1 : ((guint64) ~value << 1) | 1);
}

static void
put_block (GByteArray   *out,
           gconstpointer data,
           gsize         size)
{
  put_uint (out, size);
  g_byte_array_append (out, data, (guint) size);
}

static void
put_string (GByteArray *out,
            const char *text)
{
  put_block (out, text, strlen (text));
}

/* A message is its byte count and its content. */
static void
put_message (GByteArray *out,
             GByteArray *content)
{
  put_block (out, content->data, content->len);
}

static void
put_definition (GByteArray      *out,
                const char      *type_name,
                const FieldSpec *fields)
{
  g_autoptr(GByteArray) content = g_byte_array_new ();

  put_int (content, -OWN_TYPE_ID);
  put_uint (content, 3); /* the struct member of the wire type */
  put_uint (content, 1);
  put_uint (content, 1);
  put_string (content, type_name);
  put_uint (content, 1);
  put_int (content, OWN_TYPE_ID);
  put_uint (content, 0);
  put_uint (content, 1);
  put_uint (content, N_FIELDS);
  for (guint i = 0; i < N_FIELDS; i++)
    {
      put_uint (content, 1);
      put_string (content, fields[i].name);
      put_uint (content, 1);
      put_int (content, fields[i].type);
      put_uint (content, 0);
    }
  put_uint (content, 0);
  put_uint (content, 0);
  put_message (out, content);
}

static const char *
get_text (const TernFrame *frame,
          Field            field)
{
  switch (field)
    {
    case FIELD_MSG_INCR:
      return frame->msg_incr;
    case FIELD_OPERATION_ID:
      return frame->operation_id;
    case FIELD_SEND_ID:
      return frame->send_id;
    case FIELD_ERR_MSG:
      return frame->err_msg;
    case FIELD_ID:
    case FIELD_ERR_CODE:
    case FIELD_DATA:
    case FIELD_TOKEN:
    default:
      return "";
    }
}

static void
put_value (GByteArray      *out,
           const TernFrame *frame,
           const FieldSpec *fields)
{
  g_autoptr(GByteArray) content = g_byte_array_new ();
  guint last = 0;

  put_int (content, OWN_TYPE_ID);
  for (guint i = 0; i < N_FIELDS; i++)
    {
      gint32 number = fields[i].field == FIELD_ID ? frame->id : frame->err_code;
      const char *text = get_text (frame, fields[i].field);
      gsize size = 0;
      gconstpointer data = frame->data != NULL ? g_bytes_get_data (frame->data, &size) : NULL;

      /* What is zero or empty is left out. */
      if ((fields[i].type == GOB_INT && number == 0) ||
          (fields[i].type == GOB_STRING && *text == '\0') ||
          (fields[i].type == GOB_BYTES && size == 0))
        continue;

      put_uint (content, i + 1 - last);
      last = i + 1;
      if (fields[i].type == GOB_INT)
        put_int (content, number);
      else if (fields[i].type == GOB_STRING)
        put_string (content, text);
      else
        put_block (content, data, size);
    }
  put_uint (content, 0);
  put_message (out, content);
}

GBytes *
tern_frame_gob_encode_request (const TernFrame *frame)
{
  GByteArray *out = g_byte_array_new ();

  put_definition (out, "GeneralWsReq", request_fields);
  put_value (out, frame, request_fields);

  return g_byte_array_free_to_bytes (out);
}

GBytes *
tern_frame_gob_encode_reply (const TernFrame *frame)
{
  GByteArray *out = g_byte_array_new ();

  put_definition (out, "Resp", reply_fields);
  put_value (out, frame, reply_fields);

  return g_byte_array_free_to_bytes (out);
}

typedef struct
{
  const guint8 *at;
  const guint8 *end;
} Reader;

static gboolean
get_uint (Reader  *reader,
          guint64 *value)
{
  guint n;

  if (reader->at >= reader->end)
    return FALSE;

  *value = *reader->at++;
  if (*value < 128)
    return TRUE;

  n = 256 - (guint) *value;
  if (n > 8 || (gsize) (reader->end - reader->at) < n)
    return FALSE;

  *value = 0;
  for (guint i = 0; i < n; i++)
    *value = (*value << 8) | *reader->at++;

  return TRUE;
}

static gboolean
get_int (Reader *reader,
         gint64 *value)
{
  guint64 raw;

  if (!get_uint (reader, &raw))
    return FALSE;

  *value = (raw & 1) != 0 ? (gint64) ~(raw >> 1) : (gint64) (raw >> 1);

  return TRUE;
}

static gboolean
get_block (Reader        *reader,
           const guint8 **data,
           gsize         *size)
{
  guint64 n;

  if (!get_uint (reader, &n) || n > (guint64) (reader->end - reader->at))
    return FALSE;

  *data = reader->at;
  *size = n;
  reader->at += n;

  return TRUE;
}

typedef struct
{
  gint64 type_id;
  guint  n_fields;
  struct
  {
    const FieldSpec *spec; /* (nullable): a field that we do not know */
    gint64           type;
  } fields[MAX_FIELDS];
} Definition;

static const FieldSpec *
find_spec (const FieldSpec *fields,
           const guint8    *name,
           gsize            size)
{
  for (guint i = 0; i < N_FIELDS; i++)
    {
      if (strlen (fields[i].name) == size && memcmp (fields[i].name, name, size) == 0)
        return &fields[i];
    }

  return NULL;
}

/* The fields of a definition: name and type each, in this order. */
static gboolean
read_fields (Reader          *reader,
             Definition      *definition,
             const FieldSpec *fields)
{
  guint64 n_fields;

  if (!get_uint (reader, &n_fields) || n_fields > MAX_FIELDS)
    return FALSE;

  definition->n_fields = (guint) n_fields;
  for (guint i = 0; i < n_fields; i++)
    {
      guint64 delta;
      const guint8 *name = NULL;
      gsize size = 0;
      gint64 type = 0;

      if (!get_uint (reader, &delta) || delta != 1 || !get_block (reader, &name, &size) ||
          !get_uint (reader, &delta) || delta != 1 || !get_int (reader, &type) ||
          !get_uint (reader, &delta) || delta != 0)
        return FALSE;

      definition->fields[i].spec = find_spec (fields, name, size);
      definition->fields[i].type = type;
      if (definition->fields[i].spec != NULL && definition->fields[i].spec->type != type)
        return FALSE;
    }

  return TRUE;
}

static gboolean
read_definition (Reader          *reader,
                 Definition      *definition,
                 const FieldSpec *fields)
{
  gint64 id;
  gint64 inner_id;
  guint64 delta;
  const guint8 *name;
  gsize size;

  if (!get_int (reader, &id) || id >= 0 || id == G_MININT64)
    return FALSE;
  if (!get_uint (reader, &delta) || delta != 3) /* a struct */
    return FALSE;
  if (!get_uint (reader, &delta) || delta != 1) /* its common part */
    return FALSE;

  /* The name may be left out when empty; then the id is the second field. */
  if (!get_uint (reader, &delta))
    return FALSE;
  if (delta == 1)
    {
      if (!get_block (reader, &name, &size) || !get_uint (reader, &delta) || delta != 1)
        return FALSE;
    }
  else if (delta != 2)
    return FALSE;
  if (!get_int (reader, &inner_id) || !get_uint (reader, &delta) || delta != 0)
    return FALSE;

  definition->type_id = -id;
  if (!get_uint (reader, &delta))
    return FALSE;
  if (delta == 0) /* no fields */
    return TRUE;

  return delta == 1 && read_fields (reader, definition, fields);
}

static gboolean
store_field (TernFrame       *frame,
             const FieldSpec *spec,
             gint64           number,
             const guint8    *data,
             gsize            size)
{
  char **text = NULL;

  if (spec->type == GOB_INT && (number < G_MININT32 || number > G_MAXINT32))
    return FALSE;

  switch (spec->field)
    {
    case FIELD_ID:
      frame->id = (gint32) number;
      break;
    case FIELD_ERR_CODE:
      frame->err_code = (gint32) number;
      break;
    case FIELD_DATA:
      g_clear_pointer (&frame->data, g_bytes_unref);
      frame->data = g_bytes_new (data, size);
      break;
    case FIELD_MSG_INCR:
      text = &frame->msg_incr;
      break;
    case FIELD_OPERATION_ID:
      text = &frame->operation_id;
      break;
    case FIELD_SEND_ID:
      text = &frame->send_id;
      break;
    case FIELD_ERR_MSG:
      text = &frame->err_msg;
      break;
    case FIELD_TOKEN:
    default:
      break;
    }

  if (text != NULL)
    {
      g_free (*text);
      *text = g_utf8_make_valid ((const char *) data, (gssize) size);
    }

  return TRUE;
}

static gboolean
read_value (Reader           *reader,
            const Definition *definition,
            TernFrame        *frame)
{
  guint64 field = 0;
  gint64 id;

  if (!get_int (reader, &id) || id != definition->type_id)
    return FALSE;

  for (;;)
    {
      guint64 delta;
      gint64 number = 0;
      const guint8 *data = NULL;
      gsize size = 0;
      gint64 type;

      if (!get_uint (reader, &delta))
        return FALSE;
      if (delta == 0)
        return TRUE;
      if (delta > definition->n_fields - field)
        return FALSE;

      field += delta;
      type = definition->fields[field - 1].type;
      if (type == GOB_STRING || type == GOB_BYTES)
        {
          if (!get_block (reader, &data, &size))
            return FALSE;
        }
      else if (type >= 1 && type <= 4) /* bool, int, uint, float: all one number */
        {
          if (!get_int (reader, &number))
            return FALSE;
        }
      else
        return FALSE;

      if (definition->fields[field - 1].spec != NULL &&
          !store_field (frame, definition->fields[field - 1].spec, number, data, size))
        return FALSE;
    }
}

/* Narrows @reader to the next message. */
static gboolean
next_message (Reader *stream,
              Reader *message)
{
  const guint8 *data;
  gsize size;

  if (!get_block (stream, &data, &size))
    return FALSE;

  message->at = data;
  message->end = data + size;

  return TRUE;
}

TernFrame *
tern_frame_gob_decode (GBytes   *bytes,
                       gboolean  is_request,
                       GError  **error)
{
  g_autoptr(TernFrame) frame = tern_frame_new (0, NULL, NULL, NULL);
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  Reader stream = { 0 };
  Reader message;
  Definition definition = { 0 };

  if (size > 0)
    stream = (Reader) { data, data + size };
  if (!next_message (&stream, &message) ||
      !read_definition (&message, &definition, is_request ? request_fields : reply_fields) ||
      !next_message (&stream, &message) ||
      !read_value (&message, &definition, frame))
    {
      g_set_error_literal (error, TERN_ERROR, TERN_ERROR_PROTOCOL, "Bad gob frame");
      return NULL;
    }

  return g_steal_pointer (&frame);
}
